import { useNavigate } from '@tanstack/react-router';
import { CircleUser, Keyboard, LogOut, MonitorOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { setPreferences, themes, usePreferences } from '../preferences.ts';
import { signOut, useUser } from '../session/session.ts';
import { Key } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Menu, MenuCheckItem, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from '../ui/menu.tsx';
import { sayFailure } from '../ui/toast.ts';

/** Who is signed in, the theme, the keys, the way out; open at first, because it is loaded when somebody opens it. */
export function UserMenu({ onHelp }: { readonly onHelp: () => void }) {
  const { t } = useTranslation();
  const user = useUser();
  const navigate = useNavigate();
  const { theme } = usePreferences();

  async function leave(where: 'here' | 'everywhere'): Promise<void> {
    try {
      await signOut(where);
      await navigate({ to: '/app/sign-in' });
    } catch (error) {
      sayFailure(error);
    }
  }

  return (
    <Menu defaultOpen>
      <MenuTrigger asChild>
        <Button look="quiet" size="icon" aria-label={t('menu')}>
          <CircleUser aria-hidden className="size-5!" />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuLabel>{t('signedInAs', { username: user?.username ?? '' })}</MenuLabel>
        <MenuSeparator />
        <MenuLabel>{t('theme.label')}</MenuLabel>
        {themes.map((each) => (
          <MenuCheckItem key={each} checked={theme === each} onCheckedChange={() => setPreferences({ theme: each })}>
            {t(`theme.${each}`)}
          </MenuCheckItem>
        ))}
        <MenuSeparator />
        <MenuItem onSelect={onHelp}>
          <Keyboard aria-hidden />
          <span className="flex-1">{t('keys.title')}</span>
          <Key>?</Key>
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={() => void leave('here')}>
          <LogOut aria-hidden />
          {t('signOut')}
        </MenuItem>
        <MenuItem onSelect={() => void leave('everywhere')}>
          <MonitorOff aria-hidden />
          {t('signOutEverywhere')}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
