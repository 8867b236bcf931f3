import { useEffect } from 'react';

/** The name of the page in the browser's tab, most specific part first. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · PingMeDaddy`;
  }, [title]);
}
