import type { Areas, Translated } from '../areas.ts';

export const texts: Translated<Areas['compare']> = {
  beyond_one: '圖表最多顯示八條線，未顯示：{{names}}。',
  beyond_other: '圖表最多顯示八條線，未顯示：{{names}}。',
  choose: '選擇目標',
  chosen: '{{count, number}} 個目標，最多 8 個',
  column: { avg: '平均', coverage: '涵蓋率', jitter: '抖動', loss: '遺失', max: '最大', target: '目標' },
  empty: '尚無可比較的目標',
  emptyText: '請選擇二到八個目標，或一個目標與其前一週。',
  figures: '選取範圍的數據',
  label: '各比較目標的往返時間中位數',
  more_one: '另有 {{count, number}} 個，請輸入文字搜尋',
  more_other: '另有 {{count, number}} 個，請輸入文字搜尋',
  remove: '移除 {{name}}',
  search: '搜尋位址、名稱、備註或標籤',
  title: '比較',
  unknown_one: '找不到目標 {{ids}}，可能已被刪除。',
  unknown_other: '找不到目標 {{ids}}，可能已被刪除。',
  weekBefore: '{{name}}，前一週',
  weeks: '包含前一週',
};
