import { X } from 'lucide-react';
import { AlertDialog as RadixAlert, Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';

const overlay = 'fixed inset-0 z-40 bg-black/45 backdrop-blur-[1px]';
const content =
  'animate-appear fixed top-1/2 left-1/2 z-50 grid max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 ' +
  '-translate-y-1/2 gap-4 overflow-y-auto rounded-xl border border-line bg-raised p-5 shadow-float focus:outline-none';

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  isWide = false,
  children,
}: {
  readonly open: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly title: string;
  readonly description?: string;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          className={classNames(content, isWide ? 'max-w-2xl' : 'max-w-lg')}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <div className="grid gap-1 pr-8">
            <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
            {description !== undefined && <Radix.Description className="text-ink-2">{description}</Radix.Description>}
          </div>
          {children}
          <Radix.Close asChild>
            <Button look="quiet" size="icon" className="absolute top-3 right-3" aria-label={t('close')}>
              <X aria-hidden />
            </Button>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Asks before something that cannot be undone. */
export function Confirmation({
  open,
  onOpenChange,
  title,
  description,
  action,
  onConfirm,
}: {
  readonly open: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly title: string;
  readonly description: string;
  readonly action: string;
  readonly onConfirm: () => void;
}) {
  const { t } = useTranslation();
  return (
    <RadixAlert.Root open={open} onOpenChange={onOpenChange}>
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={overlay} />
        <RadixAlert.Content className={classNames(content, 'max-w-lg')}>
          <RadixAlert.Title className="text-base font-semibold">{title}</RadixAlert.Title>
          <RadixAlert.Description className="text-ink-2">{description}</RadixAlert.Description>
          <div className="flex justify-end gap-2">
            <RadixAlert.Cancel asChild>
              <Button>{t('cancel')}</Button>
            </RadixAlert.Cancel>
            <RadixAlert.Action asChild>
              <Button look="danger" onClick={onConfirm}>
                {action}
              </Button>
            </RadixAlert.Action>
          </div>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}
