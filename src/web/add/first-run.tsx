import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Logo } from '../layout/logo.tsx';
import { Button } from '../ui/button.tsx';
import { SuggestionList } from './suggestions.tsx';

/** Nothing is probed yet: common first targets, and the ways to add one's own. */
export function FirstRun() {
  const { t } = useTranslation('add');
  return (
    <div className="mx-auto grid w-full max-w-2xl gap-5 px-4 py-10 sm:py-16">
      <Logo className="size-12" />
      <div className="grid gap-1">
        <h1 className="text-2xl font-semibold tracking-tight">{t('firstTitle')}</h1>
        <p className="text-ink-2">{t('firstText')}</p>
      </div>
      <SuggestionList />
      <p className="flex flex-wrap items-center gap-2 border-t border-line pt-4 text-ink-2">
        {t('firstOwn')}
        <Button asChild>
          <Link to="/app/add">{t('title')}</Link>
        </Button>
      </p>
    </div>
  );
}
