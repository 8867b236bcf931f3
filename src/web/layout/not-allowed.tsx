import { useTranslation } from 'react-i18next';
import type { Role } from '../../core/role.ts';
import { EmptyState } from '../ui/states.tsx';

/** Instead of a screen that requires the role `needed`, which the reader does not have. */
export function NotAllowed({ needed, isPage }: { readonly needed: Role; readonly isPage: boolean }) {
  const { t } = useTranslation();
  return (
    <EmptyState isPage={isPage} title={t('notAllowed')} text={t(needed === 'admin' ? 'adminsOnly' : 'readsOnly')} />
  );
}
