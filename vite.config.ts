import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { type Plugin, defineConfig } from 'vite';
import { operations } from './src/contract/operations.ts';

const port = process.env['APP_PORT'] ?? '7464';
const api = process.env['VITE_API_URL'] ?? `http://127.0.0.1:${port}`;
const paths = [...operations.map((operation) => operation.path.replace(/:\w+/g, '[^/?]+')), '/(docs|redoc)(/.*)?'];

export default defineConfig({
  root: 'src/web',
  // Files know each other relatively: one build works below every BASE_PATH.
  base: './',
  plugins: [react(), tailwindcss(), stylesInFiles(), withoutJsonSchema()],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'baseline-widely-available',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', test: isBase }] } } },
  },
  server: {
    host: 'localhost',
    port: 5173,
    strictPort: true,
    // Whole addresses: /fleet is a call of the API, /fleet/… a folder of the dashboard's sources.
    proxy: Object.fromEntries(paths.map((path) => [`^${path}/?(\\?|$)`, { target: api, cookiePathRewrite: '/' }])),
  },
});

/** What every screen needs, in one file: it packs better than forty small ones. */
function isBase(id: string): boolean {
  return (
    /[\\/]node_modules[\\/](react|react-dom|scheduler|i18next|react-i18next|zod|clsx|class-variance-authority)[\\/]/.test(
      id,
    ) || /[\\/]@tanstack[\\/](react-router|router-core|history|store|react-store|query-core|react-query)[\\/]/.test(id)
  );
}

/** sonner writes a style element at import, which the content security policy forbids; web.css imports the same styles. */
function stylesInFiles(): Plugin {
  return {
    name: 'styles-in-files',
    enforce: 'pre',
    transform(code, id) {
      if (!/[\\/]sonner[\\/]dist[\\/]index\.m?js/.test(id)) return undefined;
      const without = code.replace(/^__insertCSS\(".*"\);$/m, '');
      if (without === code) throw new Error('sonner no longer writes its styles as this plugin expects');
      return without;
    },
  };
}

/** zod writes JSON schemas for the API's documentation; the dashboard only reads with it, and its schemas keep the code. */
function withoutJsonSchema(): Plugin {
  return {
    name: 'without-json-schema',
    enforce: 'pre',
    apply: 'build',
    transform(code, id) {
      if (!/[\\/]zod[\\/]v4[\\/]core[\\/](json-schema-processors|to-json-schema)\.js/.test(id)) return undefined;
      const names = [...code.matchAll(/^export (?:function|const) (\w+)/gm)].map((match) => match[1] ?? '');
      return names.map((name) => `export const ${name} = () => undefined;`).join('\n');
    },
  };
}
