import { useTranslation } from 'react-i18next';
import { useTitle } from '../layout/use-title.ts';

export function CompareScreen() {
  const { t } = useTranslation();
  useTitle(t('nav.compare'));
  return <h1 className="p-4 text-xl font-semibold">{t('nav.compare')}</h1>;
}
