import { type ClassValue, clsx } from 'clsx';

/** Joins class names. Components take what their caller decides as a property, not as a class that would override. */
export function classNames(...values: readonly ClassValue[]): string {
  return clsx(values);
}
