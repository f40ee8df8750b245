/** Join button: creates a join token, and shows the command that joins a device with it. */
import { Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { devicesWords as words } from './english-devices.ts'

/** Loaded when somebody presses the button: most visitors of the list only look at it. */
const NewTokenDialog = lazy(async () => ({
  default: (await import('../settings/joining/new-token-dialog.tsx')).NewTokenDialog,
}))

export function JoinButton() {
  const [isOpen, setOpen] = useState(false)
  const refusal = useRefusal('token.write', 'token.create')
  return (
    <>
      <Button blocked={refusal} look="primary" onClick={() => setOpen(true)}>
        <Plus size={15} aria-hidden />
        {words.join}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <NewTokenDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
