/** Dialog: something to decide before going on. The backdrop is ours: the library's own would write styles into the page, which the policy forbids. */
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'

type DialogProps = {
  isOpen: boolean
  onClose: () => void
  title: string
  lead?: ReactNode
  children?: ReactNode
  /** Buttons, from left to right. */
  footer?: ReactNode
  isWide?: boolean
}

/** A modal dialog with a title. */
export function Dialog({ isOpen, onClose, title, lead, children, footer, isWide }: DialogProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Backdrop />
        <Radix.Content
          className={cn(
            'fixed top-[12vh] left-1/2 z-50 max-h-[76vh] w-[calc(100vw-2rem)] -translate-x-1/2 overflow-y-auto rounded-xl border border-line bg-surface p-5 shadow-float',
            isWide ? 'max-w-2xl' : 'max-w-lg',
          )}
          {...(lead === undefined && { 'aria-describedby': undefined })}
        >
          <div className="flex items-start justify-between gap-4">
            <Radix.Title className="text-lg leading-tight font-semibold">{title}</Radix.Title>
            <CloseButton className="-mt-1" />
          </div>
          {lead !== undefined && <Radix.Description className="mt-1.5 text-sm text-soft">{lead}</Radix.Description>}
          {children !== undefined && <div className="mt-4">{children}</div>}
          {footer !== undefined && <div className="mt-5 flex flex-wrap justify-end gap-2">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** The cross that closes a dialog, at the end of its first line. */
export const CloseButton = ({ className }: { className?: string }) => (
  <Radix.Close
    aria-label={texts.common.close}
    className={cn('-mr-1 rounded-md p-1.5 text-faint hover:bg-raised hover:text-text', className)}
  >
    <X size={16} aria-hidden />
  </Radix.Close>
)

/** What lies between a dialog and the page. */
export const Backdrop = () => <div aria-hidden className="fixed inset-0 z-40 bg-black/40 backdrop-blur-[1px]" />
