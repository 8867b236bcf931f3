import { CircleAlert, TriangleAlert } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { wordsOf } from '../i18n/words-of.ts';
import { mayBeOutdated, PartMissing, reloadAfterUpgrade } from '../parts.ts';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';

/** Nothing is here, why, and what to do about it. */
export function EmptyState({
  title,
  text,
  icon,
  isPage = false,
  children,
}: {
  readonly title: string;
  /** Nothing else is on the page: this is its heading. */
  readonly isPage?: boolean;
  readonly text?: string;
  readonly icon?: ReactNode;
  readonly children?: ReactNode;
}) {
  const Title = isPage ? 'h1' : 'p';
  return (
    <div className="grid justify-items-center gap-2 px-4 py-12 text-center">
      {icon !== undefined && <div className="text-ink-3 [&_svg]:size-7">{icon}</div>}
      <Title className="font-semibold">{title}</Title>
      {text !== undefined && <p className="max-w-prose text-ink-2">{text}</p>}
      {children !== undefined && <div className="mt-2 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}

/** What went wrong, in the server's words if it gave any, and a way to try again. */
export function ErrorState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { t } = useTranslation();
  const text = wordsOf(error);
  const isOutdated = mayBeOutdated(error);
  useEffect(() => {
    if (isOutdated) void reloadAfterUpgrade();
  }, [isOutdated]);
  // A browser may cache that a file was missing: only another page requests it again.
  const retry = error instanceof PartMissing ? () => location.reload() : onRetry;
  return (
    <div role="alert" className="grid justify-items-center gap-2 px-4 py-12 text-center">
      <CircleAlert aria-hidden className="size-7 text-bad" />
      <p className="font-semibold">{t('failed')}</p>
      <p className="max-w-prose text-ink-2">{text}</p>
      {retry !== undefined && (
        <Button className="mt-2" onClick={retry}>
          {t('retry')}
        </Button>
      )}
    </div>
  );
}

export function Skeleton({ className }: { readonly className?: string }) {
  return <div aria-hidden className={classNames('animate-pulse rounded-md bg-hover', className)} />;
}

/** While a screen or its first data is loading. */
export function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" className="grid gap-3 p-4">
      <span className="sr-only">{t('loading')}</span>
      <Skeleton className="h-6 w-64 max-w-full" />
      <Skeleton className="h-40" />
      <Skeleton className="h-40" />
    </div>
  );
}

export function Banner({
  look = 'warn',
  children,
}: {
  readonly look?: 'warn' | 'bad' | 'info';
  readonly children: ReactNode;
}) {
  const looks = { warn: 'bg-warn-soft text-warn', bad: 'bg-bad-soft text-bad', info: 'bg-accent-soft text-accent' };
  return (
    <div role="status" className={classNames('flex items-center gap-3 px-4 py-1.5 font-medium', looks[look])}>
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">{children}</div>
    </div>
  );
}
