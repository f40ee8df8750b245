/** Certificate card: what the device proves itself with, and for how long yet. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { Card, Facts } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant, useNowMs } from '../../components/facts/instant.tsx'
import { deviceWords as words } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'

const DAY_MS = 86_400_000
/** A certificate lives a year, and is renewed with a third of it left: with so little left it has been asked for in vain for two months. */
const SOON_DAYS = 60

/** The card. */
export function CertificateCard({ device: { certificate, createdAtMs } }: { device: DeviceDetail }) {
  const joined = [words.joinedAt, <Instant key="joined" ms={createdAtMs} isAbsolute />] as const
  if (!certificate)
    return (
      <Card title={words.certificate}>
        <p className="mb-3 text-sm text-soft">{devicePageTexts.noCertificate}</p>
        <Facts rows={[joined]} />
      </Card>
    )
  const { serial, fingerprint, notAfterMs } = certificate
  return (
    <Card title={words.certificate} aside={<DaysLeft notAfterMs={notAfterMs} />}>
      <Facts
        rows={[
          joined,
          [devicePageTexts.expires, <Instant key="ends" ms={notAfterMs} isAbsolute />],
          [words.serial, <Copyable key="serial" value={serial} what={words.serial} />],
          [
            devicePageTexts.fingerprint,
            <Copyable key="fingerprint" value={fingerprint} what={devicePageTexts.fingerprint} />,
          ],
        ]}
      />
      <p className="mt-3 text-xs text-soft">{words.renews}</p>
    </Card>
  )
}

function DaysLeft({ notAfterMs }: { notAfterMs: number }) {
  const days = Math.floor((notAfterMs - useNowMs()) / DAY_MS)
  const tone = days < 0 ? 'text-bad' : days < SOON_DAYS ? 'text-warn' : 'text-soft'
  return <span className={cn('text-xs font-medium tabular', tone)}>{words.daysLeft(days)}</span>
}
