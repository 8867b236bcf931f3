import { useTranslation } from 'react-i18next';
import { useTitle } from '../layout/use-title.ts';

export function FleetScreen() {
  const { t } = useTranslation('fleet');
  useTitle(t('title'));
  return <h1 className="p-4 text-xl font-semibold">{t('title')}</h1>;
}
