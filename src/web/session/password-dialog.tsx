import { useTranslation } from 'react-i18next';
import { Dialog } from '../ui/dialog.tsx';
import { PasswordForm } from './password-form.tsx';

export function PasswordDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('session');
  return (
    <Dialog open onOpenChange={onClose} title={t('changePassword')}>
      <PasswordForm onDone={onClose} />
    </Dialog>
  );
}
