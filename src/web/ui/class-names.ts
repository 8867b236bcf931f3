import { type ClassValue, clsx } from 'clsx';

/** Joins class names. Parts take what they let their caller decide as a property, not as a class that would override. */
export function classNames(...values: readonly ClassValue[]): string {
  return clsx(values);
}
