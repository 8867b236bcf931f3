import { useLayoutEffect, useRef } from 'react';

export function Checkbox({
  label,
  isChecked,
  isMixed = false,
  onChange,
}: {
  readonly label: string;
  readonly isChecked: boolean;
  readonly isMixed?: boolean;
  readonly onChange: (isChecked: boolean, isRange: boolean) => void;
}) {
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (box.current !== null) box.current.indeterminate = isMixed;
  }, [isMixed]);
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={label}
      checked={isChecked}
      className="size-4 align-middle accent-(--accent)"
      onChange={(event) => onChange(event.target.checked, (event.nativeEvent as PointerEvent).shiftKey)}
    />
  );
}
