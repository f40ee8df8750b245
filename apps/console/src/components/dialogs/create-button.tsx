/** Create button: the main action of a list opens the dialog that makes another row. */
import type { Permission } from '@skerry/contract/people/permissions'
import { Plus } from 'lucide-react'
import { type ComponentType, useState } from 'react'
import { GuardedButton } from '../button.tsx'

type CreateButtonProps = {
  permission: Permission
  label: string
  dialog: ComponentType<{ onClose: () => void }>
}

export function CreateButton({ permission, label, dialog: Dialog }: CreateButtonProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <GuardedButton permission={permission} look="primary" onClick={() => setOpen(true)}>
        <Plus size={15} aria-hidden />
        {label}
      </GuardedButton>
      {isOpen && <Dialog onClose={() => setOpen(false)} />}
    </>
  )
}
