import { useTranslation } from 'react-i18next';
import { LanguagePicker } from '../layout/language-picker.tsx';
import { byteUnits, latencyUnits, setPreferences, themes, usePreferences } from '../preferences.ts';
import { PasswordForm } from '../session/password-form.tsx';
import { Section } from '../ui/card.tsx';
import { Field } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { useFormat } from '../i18n/format.ts';
import { About } from './about.tsx';
import { DiskUse } from './disk-use.tsx';
import { serverNow } from '../clock/clock.ts';

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

export function SettingsScreen() {
  const { t } = useTranslation(['settings', 'common']);
  const { theme, timeZone, latencyUnit, byteUnit } = usePreferences();
  const format = useFormat();
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <Section title={t('display')} text={t('displayText')}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t('common:language')}>{({ id }) => <LanguagePicker id={id} className="w-full" />}</Field>
          <Field label={t('common:theme.label')}>
            {({ id }) => (
              <Select
                id={id}
                className="w-full"
                value={theme}
                onChange={(value) => setPreferences({ theme: value })}
                options={themes.map((value) => ({ value, label: t(`common:theme.${value}`) }))}
              />
            )}
          </Field>
          <Field label={t('timeZone')} hint={t('timeZoneHint', { time: format.dateTime(serverNow()) })}>
            {({ id, 'aria-describedby': describedBy }) => (
              <Select
                id={id}
                aria-describedby={describedBy}
                className="w-full"
                value={timeZone}
                onChange={(value) => setPreferences({ timeZone: value })}
                options={[
                  { value: 'system', label: t('timeZoneHere', { zone: here }) },
                  ...zones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') })),
                ]}
              />
            )}
          </Field>
          <Field label={t('latency')} hint={t('latencyHint', { example: format.latency(0.245) })}>
            {({ id, 'aria-describedby': describedBy }) => (
              <Select
                id={id}
                aria-describedby={describedBy}
                className="w-full"
                value={latencyUnit}
                onChange={(value) => setPreferences({ latencyUnit: value })}
                options={latencyUnits.map((value) => ({ value, label: t(`latencyUnit.${value}`) }))}
              />
            )}
          </Field>
          <Field label={t('bytes')}>
            {({ id }) => (
              <Select
                id={id}
                className="w-full"
                value={byteUnit}
                onChange={(value) => setPreferences({ byteUnit: value })}
                options={byteUnits.map((value) => ({ value, label: t(`byteUnit.${value}`) }))}
              />
            )}
          </Field>
        </div>
      </Section>
      <DiskUse />
      <Section title={t('password')} text={t('passwordText')}>
        <PasswordForm />
      </Section>
      <About />
    </>
  );
}
