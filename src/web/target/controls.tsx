import type { ButtonHTMLAttributes, JSX, ReactNode } from 'react';

const sizes = 'inline-flex min-h-8 items-center justify-center gap-1.5 rounded-md px-2.5 text-sm font-medium';
const looks = {
  plain: 'border border-border bg-background hover:bg-accent hover:text-accent-foreground',
  ghost: 'hover:bg-accent hover:text-accent-foreground',
  primary: 'bg-primary text-primary-foreground hover:opacity-90',
  danger: 'bg-destructive text-white hover:opacity-90',
} as const;

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof looks;
}

export function buttonClass(look: keyof typeof looks = 'plain'): string {
  const focus = 'focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring';
  return `${sizes} ${looks[look]} ${focus} whitespace-nowrap transition-colors disabled:opacity-50`;
}

export function Button({ look = 'plain', className = '', ...rest }: ButtonProps): JSX.Element {
  return <button type="button" className={`${buttonClass(look)} ${className}`} {...rest} />;
}

export interface SegmentsProps<Value extends string> {
  readonly label: string;
  readonly value: Value | undefined;
  readonly options: readonly { readonly value: Value; readonly text: string; readonly title?: string }[];
  readonly onChange: (value: Value) => void;
}

/** A few choices of which one is in force. */
export function Segments<Value extends string>({ label, value, options, onChange }: SegmentsProps<Value>): JSX.Element {
  return (
    <div
      role="group"
      aria-label={label}
      className="inline-flex max-w-full overflow-x-auto rounded-md border border-border bg-muted p-0.5"
    >
      {options.map((option) => {
        const isOn = option.value === value;
        return (
          <button
            key={option.value}
            type="button"
            aria-pressed={isOn}
            title={option.title}
            onClick={() => onChange(option.value)}
            className={`min-h-7 shrink-0 rounded-[5px] px-2 text-xs font-medium whitespace-nowrap focus-visible:outline-2 focus-visible:outline-ring ${
              isOn ? 'bg-background text-foreground shadow-sm' : 'text-muted-foreground hover:text-foreground'
            }`}
          >
            {option.text}
          </button>
        );
      })}
    </div>
  );
}

export interface PanelProps {
  readonly title: string;
  readonly note?: string | undefined;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

export function Panel({ title, note, actions, children, className = '' }: PanelProps): JSX.Element {
  return (
    <section
      className={`min-w-0 break-inside-avoid rounded-lg border border-border bg-card p-3 text-card-foreground sm:p-4 ${className}`}
    >
      <header className="mb-3 flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <div>
          <h2 className="text-sm font-semibold">{title}</h2>
          {note === undefined ? null : <p className="text-xs text-muted-foreground">{note}</p>}
        </div>
        <div className="flex flex-wrap items-center gap-2 print:hidden">{actions}</div>
      </header>
      {children}
    </section>
  );
}

/** What stands where there is nothing to show, and why. */
export function Blank({ children }: { readonly children: ReactNode }): JSX.Element {
  return <p className="rounded-md bg-muted px-3 py-6 text-center text-sm text-muted-foreground">{children}</p>;
}

export interface FailureProps {
  readonly message: string;
  readonly retryText: string;
  readonly onRetry: () => void;
}

export function Failure({ message, retryText, onRetry }: FailureProps): JSX.Element {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center justify-between gap-2 rounded-md border border-destructive/50 px-3 py-2 text-sm"
    >
      <span>{message}</span>
      <Button onClick={onRetry}>{retryText}</Button>
    </div>
  );
}
