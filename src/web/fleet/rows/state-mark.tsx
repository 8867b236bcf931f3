import { useTranslation } from 'react-i18next';
import type { TargetState } from '../../../core/outage/target-state.ts';
import { classNames } from '../../ui/class-names.ts';

/** Each state has a shape as well as a colour: nobody has to tell green from red. */
const shapes: Readonly<Record<TargetState, string>> = {
  up: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm-.9 8.6L4.4 7.9l1-1 1.7 1.7 3.5-3.5 1 1Z',
  degraded: 'M8 1.5 15.2 14H.8ZM7.2 6v4h1.6V6Zm0 5v1.5h1.6V11Z',
  down: 'M5 1.5h6l3.5 3.5v6L11 14.5H5L1.5 11V5ZM5.2 6.3 6.9 8l-1.7 1.7 1.1 1.1L8 9.1l1.7 1.7 1.1-1.1L9.1 8l1.7-1.7-1.1-1.1L8 6.9 6.3 5.2Z',
  paused: 'M4 2.5h3v11H4Zm5 0h3v11H9Z',
  pending:
    'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.6A4.4 4.4 0 1 1 8 12.4 4.4 4.4 0 0 1 8 3.6Zm-.7 1.6v3.2l2.5 1.5.7-1.2-1.8-1.1V5.2Z',
  synthetic: 'M8 1.5 14.5 8 8 14.5 1.5 8ZM8 3.8 3.8 8 8 12.2 12.2 8Z',
  slow: 'M8 1.5 15.2 14H.8ZM7.2 6v4h1.6V6Zm0 5v1.5h1.6V11Z',
  partial: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 1.6v8.8A4.4 4.4 0 0 1 8 3.6Z',
  'not-sent':
    'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM4.6 5.7l5.7 5.7A4.4 4.4 0 0 1 4.6 5.7Zm1.1-1.1a4.4 4.4 0 0 1 5.7 5.7Z',
};

export const stateInk: Readonly<Record<TargetState, string>> = {
  ...{ up: 'text-good', degraded: 'text-warn', down: 'text-bad' },
  ...{ slow: 'text-warn', partial: 'text-warn', 'not-sent': 'text-bad' },
  ...{ paused: 'text-idle', pending: 'text-idle', synthetic: 'text-synthetic' },
};

export const stateGround: Readonly<Record<TargetState, string>> = {
  ...{ up: 'bg-good-soft', degraded: 'bg-warn-soft', down: 'bg-bad-soft' },
  ...{ slow: 'bg-warn-soft', partial: 'bg-warn-soft', 'not-sent': 'bg-bad-soft' },
  ...{ paused: 'bg-idle-soft', pending: 'bg-idle-soft', synthetic: 'bg-synthetic-soft' },
};

export function StateGlyph({ state, className }: { readonly state: TargetState; readonly className?: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden className={classNames('shrink-0', stateInk[state], className ?? 'size-4')}>
      <path d={shapes[state]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}

/** Glyph and word. */
export function StateMark({ state, className }: { readonly state: TargetState; readonly className?: string }) {
  const { t } = useTranslation();
  return (
    <span className={classNames('inline-flex items-center gap-1.5 whitespace-nowrap', stateInk[state], className)}>
      <StateGlyph state={state} />
      {t(`state.${state}`)}
    </span>
  );
}
