import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/states.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState title={t('notFound')} text={t('notFoundText')} isPage>
      <Button asChild look="primary">
        <Link to="/">{t('toFleet')}</Link>
      </Button>
    </EmptyState>
  );
}
