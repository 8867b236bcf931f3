import type { TimeAxis } from './time-axis.ts';
import type { TimeRange } from './time-steps.ts';

export interface GestureOptions {
  readonly axis: TimeAxis;
  /** The drawn stretch within the element, in CSS pixels from its left. */
  readonly plot: () => { readonly left: number; readonly width: number };
  /** What the mouse has marked so far; `undefined` at the end. */
  readonly onMark: (range: TimeRange | undefined) => void;
}

const clickPixels = 4;
const wheelSpeed = 0.0016;
/** A page that is being scrolled continues to scroll when a chart comes under the mouse. */
const scrollRestMillis = 350;

/** Mouse, touch, wheel: dragging marks a range to zoom to, shift and drag or one finger pans, two fingers and wheel zoom. */
export function addGestures(element: HTMLElement, { axis, plot, onMark }: GestureOptions): () => void {
  const end = new AbortController();
  const { signal } = end;
  const pointers = new Map<number, number>();
  let markedFrom: number | undefined;
  let scrolledAt = 0;

  const timeAt = (clientX: number): number => {
    const { left, width } = plot();
    const share = (clientX - element.getBoundingClientRect().left - left) / width;
    const { from, to } = axis.view;
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  };
  const millisPerPixel = (): number => (axis.view.to - axis.view.from) / plot().width;
  const spread = (): number => {
    const [one = 0, other = 0] = pointers.values();
    return Math.max(12, Math.abs(one - other));
  };

  function onDown(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event.clientX);
    if (event.pointerType === 'mouse' && !event.shiftKey) markedFrom = event.clientX;
  }

  function onMove(event: PointerEvent): void {
    const before = pointers.get(event.pointerId);
    axis.point(timeAt(event.clientX));
    if (before === undefined) return;
    if (markedFrom !== undefined) {
      if (Math.abs(event.clientX - markedFrom) > clickPixels) onMark(between(markedFrom, event.clientX));
      return;
    }
    if (pointers.size === 1) {
      axis.pan((before - event.clientX) * millisPerPixel());
      pointers.set(event.pointerId, event.clientX);
      return;
    }
    const spreadBefore = spread();
    pointers.set(event.pointerId, event.clientX);
    const middle = [...pointers.values()].reduce((sum, x) => sum + x, 0) / pointers.size;
    axis.zoom(spreadBefore / spread(), timeAt(middle));
  }

  function onUp(event: PointerEvent): void {
    pointers.delete(event.pointerId);
    if (markedFrom !== undefined && Math.abs(event.clientX - markedFrom) > clickPixels && event.type === 'pointerup') {
      axis.set(between(markedFrom, event.clientX));
    }
    markedFrom = undefined;
    onMark(undefined);
  }

  function between(oneX: number, otherX: number): TimeRange {
    const [one, other] = [timeAt(oneX), timeAt(otherX)];
    return { from: Math.min(one, other), to: Math.max(one, other) };
  }

  function onWheel(event: WheelEvent): void {
    if (event.timeStamp - scrolledAt < scrollRestMillis) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      axis.pan((event.deltaX || event.deltaY) * lines * millisPerPixel());
    } else {
      axis.zoom(Math.exp(event.deltaY * lines * wheelSpeed), timeAt(event.clientX));
    }
  }

  element.addEventListener('pointerdown', onDown, { signal });
  element.addEventListener('pointermove', onMove, { signal });
  element.addEventListener('pointerup', onUp, { signal });
  element.addEventListener('pointercancel', onUp, { signal });
  element.addEventListener('pointerleave', () => axis.point(undefined), { signal });
  element.addEventListener('wheel', onWheel, { signal, passive: false });
  window.addEventListener('scroll', ({ timeStamp }) => (scrolledAt = timeStamp), { signal, passive: true });
  return () => end.abort();
}

/** Handles keys of a focused chart; returns whether the key was one of them. */
export function pressKey(
  axis: TimeAxis,
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
): boolean {
  const { from, to } = axis.view;
  const length = to - from;
  const share = shiftKey ? 0.01 : 0.2;
  switch (key) {
    case 'ArrowLeft':
      axis.pan(-length * share);
      return true;
    case 'ArrowRight':
      axis.pan(length * share);
      return true;
    case 'ArrowUp':
    case '+':
    case '=':
      axis.zoom(0.6);
      return true;
    case 'ArrowDown':
    case '-':
      axis.zoom(1 / 0.6);
      return true;
    case 'Home':
      axis.set({ from: axis.bounds.from, to: axis.bounds.from + length });
      return true;
    case 'End':
      axis.set({ from: axis.bounds.to - length, to: axis.bounds.to }, true);
      return true;
    case ',':
    case '.': {
      const at = axis.cursor ?? (from + to) / 2;
      const next = at + (key === ',' ? -1 : 1) * (length / 100);
      axis.point(Math.min(to, Math.max(from, next)));
      return true;
    }
    default:
      return false;
  }
}
