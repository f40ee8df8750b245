/** Menu: a few things to do, behind one button. */
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from '../class-names.ts'

type MenuProps = { trigger: ReactNode; children: ReactNode; label: string; align?: 'start' | 'end' }

/** A menu under `trigger`. Not modal: a modal one would write styles into the page, which the policy forbids. */
export function Menu({ trigger, children, label, align = 'end' }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 min-w-44 rounded-lg border border-line bg-surface p-1 shadow-float"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

type MenuItemProps = { onSelect: () => void; isChosen?: boolean; isDanger?: boolean; children: ReactNode }

/** One thing to do. */
export function MenuItem({ onSelect, isChosen, isDanger, children }: MenuItemProps) {
  return (
    <Radix.Item
      onSelect={onSelect}
      className={cn(
        'flex items-center gap-2 rounded-md px-2.5 py-1.5 text-sm outline-none data-highlighted:bg-raised',
        isChosen && 'font-semibold text-accent',
        isDanger && 'text-bad',
      )}
    >
      {children}
    </Radix.Item>
  )
}

/** Words above a group. */
export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="px-2.5 pt-1.5 pb-1 text-xs text-faint">{children}</Radix.Label>
)
export const MenuSeparator = () => <Radix.Separator className="my-1 h-px bg-line" />
