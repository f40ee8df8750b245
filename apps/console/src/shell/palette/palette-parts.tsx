/** Palette parts: a group of items, and an item. */
import { Command } from 'cmdk'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** Closes the palette, then acts. */
export type Go = (action: () => unknown) => () => void

export const PaletteGroup = ({ heading, children }: { heading: string; children: ReactNode }) => (
  <Command.Group
    heading={heading}
    className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint"
  >
    {children}
  </Command.Group>
)

type ItemProps = {
  /** Unique in the palette. It begins with the kind. */
  value: string
  /** The name of a thing, which ranks before pages and commands. */
  name?: string
  icon: LucideIcon
  onSelect: () => void
  aside?: ReactNode
  children: ReactNode
}

export const PaletteItem = ({ value, name, icon: Icon, onSelect, aside, children }: ItemProps) => (
  <Command.Item
    value={value}
    {...(name !== undefined && { keywords: [name] })}
    onSelect={onSelect}
    className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-raised"
  >
    <Icon size={15} className="shrink-0 text-soft" aria-hidden />
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {aside}
  </Command.Item>
)
