import { defineConfig } from 'vitepress';

type Links = Readonly<Record<string, string>>;
const pages = (links: Links): { text: string; link: string }[] =>
  Object.entries(links).map(([text, link]) => ({ text, link }));
const group = (text: string, links: Links): { text: string; items: { text: string; link: string }[] } => ({
  text,
  items: pages(links),
});

// VitePress takes its configuration from the default export.
export default defineConfig({
  title: 'PingMeDaddy',
  description: 'Self-hosted network telemetry: probes every target around the clock and stores every result.',
  lang: 'en-GB',
  themeConfig: {
    // The index is part of the site; no outside service is involved.
    search: { provider: 'local' },
    outline: [2, 3],
    nav: pages({
      Install: '/install',
      Configuration: '/configuration',
      CLI: '/cli',
      API: '/api',
      Architecture: '/architecture/',
    }),
    sidebar: [
      group('Get started', { Install: '/install', Concepts: '/concepts', FAQ: '/faq', Comparison: '/comparison' }),
      group('Operate', {
        'Users and tokens': '/users',
        'Reverse proxy': '/reverse-proxy',
        Databases: '/databases',
        'Backup and restore': '/backup',
        'Import history': '/import',
        Upgrade: '/upgrade',
        Sizing: '/sizing',
        Troubleshooting: '/troubleshooting',
      }),
      group('Reference', {
        Configuration: '/configuration',
        CLI: '/cli',
        API: '/api',
        'API guide': '/api-guide',
        Changelog: '/changelog',
      }),
      group('Evidence', { Benchmarks: '/benchmarks', Reliability: '/reliability', Security: '/security' }),
      group('Architecture', {
        Overview: '/architecture/',
        'Data path': '/architecture/data-path',
        'Probing threads': '/architecture/probing',
        'Storage engines': '/architecture/storage',
        Dashboard: '/architecture/dashboard',
        Decisions: '/decisions/',
      }),
    ],
  },
});
