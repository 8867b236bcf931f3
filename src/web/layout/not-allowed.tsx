import { useTranslation } from 'react-i18next';
import type { Role } from '../../core/role.ts';
import { EmptyState } from '../ui/states.tsx';

/** In place of a screen that `needed` may see and the reader may not. */
export function NotAllowed({ needed, isPage }: { readonly needed: Role; readonly isPage: boolean }) {
  const { t } = useTranslation();
  return (
    <EmptyState isPage={isPage} title={t('notAllowed')} text={t(needed === 'admin' ? 'adminsOnly' : 'readsOnly')} />
  );
}
