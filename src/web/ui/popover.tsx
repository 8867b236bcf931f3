import { Popover as Radix } from 'radix-ui';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';

export const Popover = Radix.Root;
export const PopoverTrigger = Radix.Trigger;

export function PopoverContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        sideOffset={6}
        collisionPadding={8}
        className={classNames(
          'animate-appear z-50 max-w-[min(24rem,calc(100vw-1rem))] min-w-56 rounded-lg border border-line bg-raised p-3 text-ink shadow-float',
          className,
        )}
        {...rest}
      />
    </Radix.Portal>
  );
}
