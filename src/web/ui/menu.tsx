import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** The page behind stays as it is: a menu is not a dialog. */
export function Menu(props: ComponentProps<typeof Radix.Root>) {
  return <Radix.Root modal={false} {...props} />;
}
export const MenuTrigger = Radix.Trigger;

export const floating =
  'animate-appear z-50 max-h-[var(--radix-dropdown-menu-content-available-height)] min-w-44 overflow-y-auto rounded-lg ' +
  'border border-line bg-raised p-1 text-ink shadow-float';
const item =
  'flex min-h-8 items-center gap-2 rounded-md px-2 py-1 outline-none select-none data-[highlighted]:bg-hover ' +
  'data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3';

export function MenuContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content sideOffset={6} align="end" className={classNames(floating, className)} {...rest} />
    </Radix.Portal>
  );
}

export function MenuItem({ className, ...rest }: ComponentProps<typeof Radix.Item>) {
  return <Radix.Item className={classNames(item, className)} {...rest} />;
}

export function MenuCheckItem({
  children,
  checked,
  ...rest
}: Omit<ComponentProps<typeof Radix.CheckboxItem>, 'children'> & { readonly children: ReactNode }) {
  return (
    <Radix.CheckboxItem
      className={item}
      checked={checked ?? false}
      onSelect={(event) => event.preventDefault()}
      {...rest}
    >
      <span className="grid size-4 place-items-center rounded border border-line-strong">
        <Radix.ItemIndicator>
          <Check className="size-3! text-accent!" aria-hidden />
        </Radix.ItemIndicator>
      </span>
      {children}
    </Radix.CheckboxItem>
  );
}

export function MenuLabel({ className, ...rest }: ComponentProps<typeof Radix.Label>) {
  return <Radix.Label className={classNames('px-2 py-1 text-small text-ink-3', className)} {...rest} />;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
