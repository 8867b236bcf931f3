import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../layout/use-title.ts';
import { Section } from '../ui/card.tsx';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';
import { AddList } from './add-list.tsx';
import { ImportFile } from './import-file.tsx';
import { SuggestionList, suggestionsQuery } from './suggestions.tsx';

export function AddScreen() {
  const { t } = useTranslation('add');
  const suggestions = useQuery(suggestionsQuery);
  useTitle(t('title'));
  return (
    <div className="mx-auto grid w-full max-w-5xl gap-4 p-3 sm:p-4">
      <h1 className="text-xl font-semibold tracking-tight">{t('title')}</h1>
      <Tabs defaultValue="list">
        <TabList aria-label={t('ways')}>
          <Tab value="list">{t('list')}</Tab>
          <Tab value="file">{t('file')}</Tab>
        </TabList>
        <TabPanel value="list">
          <AddList />
        </TabPanel>
        <TabPanel value="file">
          <ImportFile />
        </TabPanel>
      </Tabs>
      {suggestions.data?.some((each) => !each.is_tracked && each.is_allowed) === true && (
        <Section title={t('suggestions')} text={t('suggestionsText')}>
          <SuggestionList />
        </Section>
      )}
    </div>
  );
}
