/** Leave guard: asks before the page is left while something on it would be lost. */
import { useBlocker } from '@tanstack/react-router'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { uploadTexts as words } from './english-upload.ts'

/** Guards while it is in the page: other pages of the console, and closing the tab, where the browser asks in its own words. */
export function LeaveGuard() {
  const blocker = useBlocker({ shouldBlockFn: () => true, enableBeforeUnload: true, withResolver: true })
  if (blocker.status !== 'blocked') return null
  return (
    <Dialog
      isOpen
      onClose={blocker.reset}
      title={words.leaveTitle}
      lead={words.leaveLead}
      footer={
        <>
          <Button onClick={blocker.reset}>{words.stay}</Button>
          <Button look="danger" onClick={blocker.proceed}>
            {words.leave}
          </Button>
        </>
      }
    />
  )
}
