import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

const field =
  'w-full rounded-md border border-line-strong/70 bg-surface px-2.5 text-ink transition-colors hover:border-line-strong ' +
  'disabled:opacity-60 aria-invalid:border-bad';

export function Input({
  className,
  isLarge = false,
  ...rest
}: ComponentProps<'input'> & { readonly isLarge?: boolean }) {
  return <input className={classNames(field, isLarge ? 'h-10' : 'h-8', className)} {...rest} />;
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={classNames(field, 'py-1.5', className)} {...rest} />;
}

export interface FieldParts {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

/** A label, the control that `children` makes with the given attributes, and beneath it a hint or an error. */
export function Field({
  label,
  hint,
  fault,
  className,
  children,
}: {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly fault?: ReactNode;
  readonly className?: string;
  readonly children: (parts: FieldParts) => ReactNode;
}) {
  const id = useId();
  const isFaulty = fault !== undefined && fault !== null && fault !== '';
  const hasText = isFaulty || hint !== undefined;
  const parts: FieldParts = {
    id,
    'aria-describedby': hasText ? `${id}-text` : undefined,
    'aria-invalid': isFaulty ? true : undefined,
  };
  return (
    <div className={classNames('grid gap-1', className)}>
      <label htmlFor={id} className="text-small font-medium text-ink-2">
        {label}
      </label>
      {children(parts)}
      {hasText && (
        <p id={`${id}-text`} className={classNames('text-small', isFaulty ? 'text-bad' : 'text-ink-3')}>
          {isFaulty ? fault : hint}
        </p>
      )}
    </div>
  );
}
