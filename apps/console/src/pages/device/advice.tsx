/** Advice: the reason why something failed or waits, in the device's words, and the next step. */
import type { Cause } from '@skerry/contract/devices/item'
import { namedAction } from '@skerry/core/alerts/named-action'
import { rememberedText } from '@skerry/core/devices/cause-words'
import { cn } from '../../components/class-names.ts'
import { deviceAdvice } from './device-advice.ts'
import { deviceWords as words } from './english-device.ts'

/** The names of device and deployment replace the words DEVICE and DEPLOYMENT in the commands of the advice. */
type Shown = { cause: Cause; isBad?: boolean; device: string; deployment?: string | undefined }

/** The message with its code, and the advice below if there is any. */
export function Advice({ cause, isBad, device, deployment }: Shown) {
  const { code, message } = cause
  const general = deviceAdvice[code]
  const advice = general && namedAction(general, { DEVICE: device, DEPLOYMENT: deployment })
  return (
    <div className="min-w-0 text-sm">
      <p className={cn('wrap-anywhere', isBad && 'text-bad')}>
        {rememberedText(cause)}
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

/** Text between backticks is set as code. */
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
