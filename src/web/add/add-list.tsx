import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleMinus, CircleX } from 'lucide-react';
import { type FormEvent, type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addTargets, addedMax } from '../../contract/targets/bulk.ts';
import { type ListEntry, listAddressesMax, parseAddressList } from '../../core/target/address-list.ts';
import { type ProbeKindName, probeKindNames, probeKinds } from '../../core/target/probe-kinds.ts';
import { intervalSecondsMax, intervalSecondsMin, portMax, portMin, tagFault } from '../../core/target/target.ts';
import { api } from '../api.ts';
import { useFormat } from '../i18n/format.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { Field, Input, TextArea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { say, sayFailure } from '../ui/toast.ts';
import { Added } from './added.tsx';

type Answer = Awaited<ReturnType<typeof preview>>;
type Status = Answer['results'][number]['status'];

interface Asked {
  readonly ips: readonly string[];
  readonly hosts: readonly string[];
  readonly probe: ProbeKindName;
  readonly port: number | null;
}

const isPort = (value: number): boolean => Number.isInteger(value) && value >= portMin && value <= portMax;

/** The entry being typed may be incomplete. */
function isAskable({ ips, hosts, probe, port }: Asked): boolean {
  const count = ips.length + hosts.length;
  return count > 0 && count <= addedMax && (!probeKinds[probe].takesPort || isPort(port ?? 0));
}

/** The part of a request that says where and how to probe. */
function placesOf({ ips, hosts, probe, port }: Asked) {
  return { ips: [...ips], hosts: [...hosts], ...(probeKinds[probe].takesPort ? { probe, port } : { probe }) };
}

function preview(asked: Asked) {
  return api.call(addTargets, { body: { ...placesOf(asked), dry_run: true } });
}

/** A list is parsed and checked while it is typed; nothing is created before the button is pressed. */
export function AddList() {
  const { t } = useTranslation(['add', 'common']);
  const format = useFormat();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [frequency, setFrequency] = useState('1');
  const [probe, setProbe] = useState<ProbeKindName>('icmp');
  const [portText, setPort] = useState('443');
  const [tags, setTags] = useState('');
  const [notes, setNotes] = useState('');
  const [added, setAdded] = useState<readonly number[]>();
  const [refused, setRefused] = useState<Answer['results']>([]);
  const entries = useMemo(() => parseAddressList(text), [text]);
  const ips = useMemo(() => entries.flatMap((entry) => (entry.kind === 'addresses' ? entry.addresses : [])), [entries]);
  const hosts = useMemo(() => entries.flatMap((entry) => (entry.kind === 'name' ? [entry.hostname] : [])), [entries]);
  const count = ips.length + hosts.length;
  const isTooMany = count > addedMax;
  const port = Number(portText);
  const { takesPort } = probeKinds[probe];
  const isPortWrong = takesPort && !isPort(port);
  const asked = useMemo(
    (): Asked => ({ ips, hosts, probe, port: takesPort ? port : null }),
    [ips, hosts, probe, port, takesPort],
  );
  const wanted = useDeferredValue(asked);
  const { data } = useQuery({
    queryKey: ['preview', wanted],
    queryFn: () => preview(wanted),
    enabled: isAskable(wanted),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
  const judged = count === 0 ? [] : (data?.results ?? []);
  const newOnes = judged.filter(({ status }) => status === 'new').length;
  const tagList = tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  const wrongTag = tagList.find((tag) => tagFault(tag) !== undefined);
  const seconds = Number(frequency);
  const isFrequencyWrong = !(seconds >= intervalSecondsMin && seconds <= intervalSecondsMax);

  const { mutate, isPending } = useMutation({
    mutationFn: () =>
      api.call(addTargets, { body: { ...placesOf(asked), frequency: seconds, tags: tagList, notes, dry_run: false } }),
    onSuccess: ({ created, results }) => {
      say(t('added', { count: created }));
      setAdded(results.flatMap(({ status, id }) => (status === 'created' && id !== null ? [id] : [])));
      // Only now it is known which names have an address.
      setRefused(results.filter(({ host, message }) => host !== null && message !== null));
      setText('');
      void client.invalidateQueries();
    },
    onError: sayFailure,
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    mutate();
  }

  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <form className="grid gap-4" onSubmit={submit} aria-label={t('list')}>
        <Field
          label={t('addresses')}
          hint={t('addressesHint')}
          fault={isTooMany ? t('fault.too-large', { count: listAddressesMax }) : undefined}
        >
          {(parts) => (
            <TextArea
              rows={9}
              spellCheck={false}
              autoCapitalize="off"
              className="font-mono"
              placeholder={'192.168.1.1\n192.168.1.0/28\n192.168.1.40-50\n2001:db8::1   # …\nwww.example'}
              value={text}
              onChange={(event) => setText(event.target.value)}
              {...parts}
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label={t('frequency')}
            fault={
              isFrequencyWrong ? t('frequencyFault', { min: intervalSecondsMin, max: intervalSecondsMax }) : undefined
            }
            hint={t('frequencyHint')}
          >
            {(parts) => (
              <Input
                inputMode="decimal"
                value={frequency}
                onChange={(event) => setFrequency(event.target.value)}
                {...parts}
              />
            )}
          </Field>
          <Field
            label={t('tags')}
            hint={t('tagsHint')}
            fault={wrongTag === undefined ? undefined : t('tagFault', { tag: wrongTag })}
          >
            {(parts) => (
              <Input value={tags} autoComplete="off" onChange={(event) => setTags(event.target.value)} {...parts} />
            )}
          </Field>
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t('probe.label')}>
            {(parts) => (
              <Select
                {...parts}
                options={probeKindNames.map((value) => ({ value, label: t(`common:probe.${value}`) }))}
                value={probe}
                onChange={setProbe}
              />
            )}
          </Field>
          {takesPort && (
            <Field
              label={t('probe.port')}
              fault={isPortWrong ? t('probe.portFault', { min: portMin, max: portMax }) : undefined}
            >
              {(parts) => (
                <Input
                  inputMode="numeric"
                  value={portText}
                  onChange={(event) => setPort(event.target.value)}
                  {...parts}
                />
              )}
            </Field>
          )}
        </div>
        <Field label={t('notes')}>
          {(parts) => (
            <Input value={notes} maxLength={2000} onChange={(event) => setNotes(event.target.value)} {...parts} />
          )}
        </Field>
        <Button
          type="submit"
          look="primary"
          size="large"
          className="justify-self-start"
          disabled={
            newOnes === 0 || isPending || isFrequencyWrong || isPortWrong || isTooMany || wrongTag !== undefined
          }
        >
          {newOnes === 0 ? t('start') : t('startCount', { count: newOnes })}
        </Button>
      </form>
      <div className="grid gap-4">
        <Preview entries={entries} judged={judged} addressCount={count} />
        {refused.length > 0 && <Refused results={refused} />}
        {added !== undefined && added.length > 0 && <Added ids={added} />}
      </div>
      <span className="sr-only" role="status">
        {count > 0 && t('summary', { count, added: format.count(newOnes) })}
      </span>
    </div>
  );
}

const shownMax = 200;

function Preview({
  entries,
  judged,
  addressCount,
}: {
  readonly entries: readonly ListEntry[];
  readonly judged: Answer['results'];
  readonly addressCount: number;
}) {
  const { t } = useTranslation('add');
  const faults = entries.filter((entry) => entry.kind === 'fault');
  if (entries.length === 0) {
    return <Card className="grid min-h-40 place-items-center p-4 text-center text-ink-2">{t('previewEmpty')}</Card>;
  }
  return (
    <Card className="overflow-hidden">
      <h2 className="border-b border-line px-3 py-2 font-semibold">{t('preview', { count: addressCount })}</h2>
      <ul
        className="max-h-96 overflow-y-auto py-1"
        tabIndex={0}
        aria-label={t('preview', { count: addressCount })}
        data-preview
      >
        {faults.map((entry) => (
          <Item key={`${entry.line} ${entry.text}`} status="faulty" text={entry.text}>
            {`${t('line', { line: entry.line })} ${t(`fault.${entry.reason}`, { count: listAddressesMax })}`}
          </Item>
        ))}
        {judged.slice(0, shownMax).map(({ ip, host, status }, index) => (
          <Item key={`${ip} ${index}`} status={status} text={host ?? ip}>
            {t(`status.${status}`)}
          </Item>
        ))}
        {judged.length > shownMax && (
          <li className="px-3 py-1 text-ink-2">{t('more', { count: judged.length - shownMax })}</li>
        )}
      </ul>
    </Card>
  );
}

/** Names that could not be resolved, or whose addresses may not be probed, in the server's words. */
function Refused({ results }: { readonly results: Answer['results'] }) {
  return (
    <Card className="overflow-hidden" role="alert">
      <ul className="py-1">
        {results.map(({ host, status, message }) => (
          <Item key={host} status={status} text={host ?? ''}>
            <span data-server-text>{message}</span>
          </Item>
        ))}
      </ul>
    </Card>
  );
}

function Item({
  status,
  text,
  children,
}: {
  readonly status: Status;
  readonly text: string;
  readonly children: ReactNode;
}) {
  const isFine = status === 'new' || status === 'created';
  const isSkipped = status === 'exists' || status === 'repeated';
  const Icon = isFine ? CircleCheck : isSkipped ? CircleMinus : CircleX;
  const ink = isFine ? 'text-good' : isSkipped ? 'text-idle' : 'text-bad';
  return (
    <li className="flex items-baseline gap-2 px-3 py-0.5" data-status={status}>
      <Icon aria-hidden className={classNames('size-4 shrink-0 self-center', ink)} />
      <span className="max-w-[60%] shrink-0 font-mono break-all">{text}</span>
      <span className={classNames('ml-auto text-right text-small', isFine ? 'text-ink-2' : ink)}>{children}</span>
    </li>
  );
}
