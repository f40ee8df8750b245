/** Verify button: lets the hub verify the whole chain, and shows the result. */
import { useMutation } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'

const words = texts.audit

/** The button, with the result beside it. */
export function VerifyButton() {
  const { data, isPending, isError, mutate } = useMutation({ mutationFn: () => hub.audit.verify({}) })
  return (
    <>
      {/* Without a result, it takes back the gap before the button. */}
      <span role="status" className="empty:-mr-2">
        {data?.intact === true && (
          <Badge tone="good" icon={ShieldCheck}>
            {words.intact(data.records)}
          </Badge>
        )}
        {data?.broken && (
          <Badge tone="bad" icon={ShieldAlert}>
            {words.broken(data.broken.sequence, data.broken.problem)}
          </Badge>
        )}
        {isError && <Badge tone="bad">{texts.common.failed}</Badge>}
      </span>
      <Button blocked={isPending ? words.verifying : undefined} onClick={() => mutate()}>
        <ShieldCheck size={15} aria-hidden />
        {isPending ? words.verifying : words.verify}
      </Button>
    </>
  )
}
