import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Globe, Router, Server } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addTargets, suggestTargets } from '../../contract/targets/bulk.ts';
import { api } from '../api.ts';
import { Button } from '../ui/button.tsx';
import { say, sayFailure } from '../ui/toast.ts';

export const suggestionsQuery = queryOptions({ queryKey: ['suggestions'], queryFn: () => api.call(suggestTargets) });

const icons = { gateway: Router, self: Server, resolver: Globe } as const;

/** Common first targets. They are only offered: probing starts when somebody confirms. */
export function SuggestionList({ onAdded }: { readonly onAdded?: (ids: readonly number[]) => void }) {
  const { t } = useTranslation('add');
  const client = useQueryClient();
  const { data = [] } = useQuery(suggestionsQuery);
  const offered = data.filter((each) => !each.is_tracked && each.is_allowed);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const chosen = offered.filter(({ ip }) => !left.has(ip));
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.call(addTargets, { body: { ips: chosen.map(({ ip }) => ip) } }),
    onSuccess: ({ created, results }) => {
      say(t('added', { count: created }));
      onAdded?.(results.flatMap(({ id }) => (id === null ? [] : [id])));
      void client.invalidateQueries();
    },
    onError: sayFailure,
  });
  return (
    <div className="grid gap-3">
      <ul className="grid gap-2 sm:grid-cols-2">
        {offered.map(({ ip, kind, name }) => {
          const Icon = icons[kind];
          return (
            <li key={ip}>
              <label className="flex cursor-pointer items-center gap-3 rounded-lg border border-line bg-surface px-3 py-2 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft">
                <input
                  type="checkbox"
                  className="size-4 accent-(--accent)"
                  checked={!left.has(ip)}
                  onChange={(event) => {
                    const next = new Set(left);
                    if (event.target.checked) next.delete(ip);
                    else next.add(ip);
                    setLeft(next);
                  }}
                />
                <Icon aria-hidden className="size-5 shrink-0 text-ink-3" />
                <span className="grid min-w-0">
                  <span className="font-medium">{name ?? t(`kind.${kind}`)}</span>
                  <span className="truncate font-mono text-small text-ink-2">{ip}</span>
                </span>
              </label>
            </li>
          );
        })}
      </ul>
      <Button
        look="primary"
        size="large"
        className="justify-self-start"
        disabled={chosen.length === 0 || isPending}
        onClick={() => mutate()}
      >
        {chosen.length === 0 ? t('start') : t('startCount', { count: chosen.length })}
      </Button>
    </div>
  );
}
