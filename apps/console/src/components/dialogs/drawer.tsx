/** Drawer: one thing of a list, whole, beside the list. */

import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { Scrollable } from '../scrollable.tsx'
import { Backdrop, CloseButton } from './dialog.tsx'

type DrawerProps = { title: string; onClose: () => void; children: ReactNode }

/** Open while it is in the page; Escape and a click beside it close it. */
export const Drawer = ({ title, onClose, children }: DrawerProps) => (
  <Radix.Root open onOpenChange={(next) => !next && onClose()}>
    <Radix.Portal>
      <Backdrop />
      <Radix.Content
        aria-describedby={undefined}
        className="fixed inset-y-0 right-0 z-50 flex w-[36rem] max-w-[calc(100vw-3rem)] flex-col border-l border-line bg-surface shadow-float"
      >
        <header className="flex h-14 shrink-0 items-center justify-between gap-4 border-b border-line px-5">
          <Radix.Title className="truncate text-base font-semibold">{title}</Radix.Title>
          <CloseButton />
        </header>
        <Scrollable as="section" aria-label={title} className="min-h-0 flex-1 overflow-y-auto p-5">
          {children}
        </Scrollable>
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
)
