/** Page tabs: the parts of a page, of which one is shown. The page keeps the choice in its address. */
import { Tabs } from 'radix-ui'
import type { ReactNode } from 'react'

type PageTabsProps<Tab extends string> = {
  label: string
  names: Readonly<Record<Tab, string>>
  tabs: readonly Tab[]
  value: Tab
  onChange: (tab: Tab) => void
  content: Readonly<Record<Tab, () => ReactNode>>
}

/** Fills the remaining height, so that a list in it scrolls by itself. */
export function PageTabs<Tab extends string>(props: PageTabsProps<Tab>) {
  const { label, names, tabs, value, onChange, content } = props
  const open = (next: string) => {
    const found = tabs.find((each) => each === next)
    if (found !== undefined) onChange(found)
  }
  return (
    <Tabs.Root value={value} onValueChange={open} className="flex min-h-0 flex-1 flex-col">
      <Tabs.List aria-label={label} className="mb-4 flex shrink-0 gap-1 overflow-x-auto border-b border-line">
        {tabs.map((each) => (
          <Tabs.Trigger
            key={each}
            value={each}
            className="border-b-2 border-transparent px-3 py-2 text-sm font-medium whitespace-nowrap text-soft hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
          >
            {names[each]}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {tabs.map((each) => {
        const Content: () => ReactNode = content[each]
        return (
          <Tabs.Content
            key={each}
            value={each}
            className="min-h-0 flex-1 data-[state=active]:flex data-[state=active]:flex-col"
          >
            <Content />
          </Tabs.Content>
        )
      })}
    </Tabs.Root>
  )
}
