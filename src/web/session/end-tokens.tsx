import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { tokensQuery } from '../settings/accounts.ts';

/** Whether to revoke a user's API tokens along with the old password, and how many there are. */
export function EndTokens({
  username,
  isOwn,
  isChecked,
  onChange,
}: {
  readonly username: string;
  readonly isOwn: boolean;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}) {
  const { t } = useTranslation('session');
  const id = useId();
  const count = useQuery(tokensQuery).data?.filter((token) => token.username === username).length;
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
      <input
        id={id}
        type="checkbox"
        aria-describedby={`${id}-text`}
        className="mt-0.5 size-4 accent-accent"
        checked={isChecked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id} className="font-medium">
        {t('endTokens')}
      </label>
      <p id={`${id}-text`} className="col-start-2 text-small text-ink-3">
        {t('endTokensText')} {count !== undefined && t(isOwn ? 'ownTokens' : 'theirTokens', { count })}
      </p>
    </div>
  );
}
