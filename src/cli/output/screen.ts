import type { Context } from '../context.ts';
import { harmless } from './terminal-text.ts';

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const clearBelow = '\u001b[J';
const clearLine = '\u001b[K';

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** Draws the terminal as one picture again and again, and restores what was there before at the end. */
export interface Screen {
  readonly size: Size;
  draw(lines: readonly string[]): void;
  leave(): void;
}

export function enterScreen(stdout: Context['stdout']): Screen {
  stdout.write(enter);
  return {
    get size() {
      const { rows = 24, columns = 80 } = stdout as { rows?: number; columns?: number };
      return { rows, columns };
    },
    draw: (lines) => void stdout.write(home + lines.map((line) => harmless(line) + clearLine).join('\n') + clearBelow),
    leave: () => void stdout.write(leave),
  };
}
