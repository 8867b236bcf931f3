import { classNames } from '../ui/class-names.ts';

/** A few choices, one of which is selected. */
export function Segments<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: Value | undefined;
  readonly options: readonly { readonly value: Value; readonly text: string; readonly title?: string }[];
  readonly onChange: (value: Value) => void;
}) {
  return (
    <div
      role="group"
      aria-label={label}
      className="print-hidden inline-flex max-w-full overflow-x-auto rounded-md border border-line bg-sunken p-0.5"
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          title={option.title}
          onClick={() => onChange(option.value)}
          className={classNames(
            'h-6.5 shrink-0 rounded px-2 text-small font-medium whitespace-nowrap focus-visible:outline-offset-[-2px]',
            option.value === value ? 'bg-surface text-ink shadow-sm dark:bg-hover' : 'text-ink-2 hover:text-ink',
          )}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}
