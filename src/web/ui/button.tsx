import { type VariantProps, cva } from 'class-variance-authority';
import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';

const looks = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors ' +
    'disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        primary: 'bg-accent text-accent-ink hover:bg-accent-hover',
        plain: 'border border-line bg-surface text-ink hover:bg-hover',
        quiet: 'text-ink-2 hover:bg-hover hover:text-ink',
        danger: 'border border-bad/40 bg-surface text-bad hover:bg-bad-soft',
        link: 'text-accent underline-offset-4 hover:underline',
      },
      size: { normal: 'h-8 px-3', small: 'h-7 px-2 text-small', large: 'h-10 px-4 text-title', icon: 'size-8' },
    },
    defaultVariants: { look: 'plain', size: 'normal' },
  },
);

export function Button({
  className,
  look,
  size,
  asChild = false,
  ...rest
}: ComponentProps<'button'> & VariantProps<typeof looks> & { readonly asChild?: boolean }) {
  const Component = asChild ? Slot.Root : 'button';
  return (
    <Component
      type={asChild ? undefined : 'button'}
      className={classNames(looks({ look, size }), className)}
      {...rest}
    />
  );
}
