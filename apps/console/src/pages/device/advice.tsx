/** Advice: why something failed or waits, in the device's words, and what to do about it. */
import type { Cause } from '@skerry/contract/devices/item'
import { cn } from '../../components/class-names.ts'
import { deviceAdvice } from './device-advice.ts'
import { deviceWords as words } from './english-device.ts'

/** The message with its code, and the advice under it where there is one. */
export function Advice({ cause: { code, message }, isBad }: { cause: Cause; isBad?: boolean }) {
  const advice = deviceAdvice[code]
  return (
    <div className="min-w-0 text-sm">
      <p className={cn('wrap-anywhere', isBad && 'text-bad')}>
        {message} <code className="ml-1 font-mono text-xs whitespace-nowrap text-soft">{code}</code>
      </p>
      {advice !== undefined && (
        <p className="mt-0.5 text-soft wrap-anywhere">
          <span className="font-medium">{words.whatToDo}:</span> <WithCode text={advice} />
        </p>
      )}
    </div>
  )
}

/** What stands between backticks is set as code. */
const WithCode = ({ text }: { text: string }) => (
  <>
    {text.split('`').map((part, index) =>
      index % 2 === 0 ? (
        part
      ) : (
        <code key={part} className="rounded bg-raised px-1 font-mono text-xs">
          {part}
        </code>
      ),
    )}
  </>
)
