import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';

export function Badge({ className, ...rest }: ComponentProps<'span'>) {
  return (
    <span
      className={classNames(
        'inline-flex items-center gap-1 rounded-full border border-line bg-sunken px-2 text-tiny leading-5 font-medium text-ink-2',
        className,
      )}
      {...rest}
    />
  );
}

export function Key({ className, ...rest }: ComponentProps<'kbd'>) {
  return (
    <kbd
      className={classNames(
        'inline-grid h-5 min-w-5 place-items-center rounded border border-line bg-sunken px-1 font-mono text-tiny text-ink-2',
        className,
      )}
      {...rest}
    />
  );
}
