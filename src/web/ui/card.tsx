import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

export function Card({ className, ...rest }: ComponentProps<'section'>) {
  return <section className={classNames('rounded-xl border border-line bg-surface', className)} {...rest} />;
}

/** A titled part of a screen. */
export function Section({
  title,
  text,
  actions,
  className,
  children,
}: {
  readonly title: string;
  readonly text?: string;
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <Card className={classNames('grid grid-cols-[minmax(0,1fr)] gap-4 p-4 sm:p-5', className)}>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="grid gap-0.5">
          <h2 className="text-title font-semibold">{title}</h2>
          {text !== undefined && <p className="max-w-prose text-ink-2">{text}</p>}
        </div>
        {actions}
      </div>
      {children}
    </Card>
  );
}
