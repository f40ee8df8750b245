/** Verify button: has the hub walk the whole chain, and says what it found. */
import { useMutation } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'

const words = texts.audit

/** With the verdict beside it. */
export function VerifyButton() {
  const { data, isPending, isError, mutate } = useMutation({ mutationFn: () => hub.audit.verify({}) })
  return (
    <>
      <span role="status">
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
