/**
 * Certificates: the hub's own certificate, the authorities that sign it and those of devices, and the keys that sign
 * models.
 */
import type { HubCertificate } from '@skerry/contract/hub/hub-health'
import { useQuery } from '@tanstack/react-query'
import { Card, Facts } from '../../../components/card.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Copyable } from '../../../components/facts/copyable.tsx'
import { Instant, useNowMs } from '../../../components/facts/instant.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { authorityTexts } from '../../approvals/english-rules.ts'
import { settingsTexts } from '../english-settings.ts'
import { OfOrganisation } from '../organisations/of-organisation.tsx'
import { settingsQueries } from '../settings-queries.ts'
import { AuthoritiesCard } from './authorities-card.tsx'
import { PemLink } from './pem-link.tsx'
import { SigningKeysCard, TrustRulesCard } from './signing-keys-card.tsx'

const words = settingsTexts.certificates

export function CertificatesTab() {
  const { data, error, refetch } = useQuery(settingsQueries.certificates())
  return (
    <div className="overflow-y-auto">
      <div className="flex flex-col gap-4">
        {!data && <WaitingCard error={error} retry={refetch} rows={6} />}
        <div className="grid items-start gap-4 lg:grid-cols-2">
          {data?.certificates.map((certificate) => (
            <CertificateCard key={certificate.use} certificate={certificate} />
          ))}
        </div>
        <OfOrganisation title={authorityTexts.title} permission="hub.read" procedure="authority.list">
          {() => <AuthoritiesCard />}
        </OfOrganisation>
        {data && <SigningKeysCard />}
        {data && <TrustRulesCard />}
      </div>
    </div>
  )
}

function CertificateCard({ certificate }: { certificate: HubCertificate }) {
  const { use, subject, issuer, names, serial, fingerprint, notBeforeMs, notAfterMs, pem } = certificate
  return (
    <Card title={words.use[use]} aside={<PemLink pem={pem} name={`skerry-${use}.pem`} />}>
      <p className="mb-3 text-sm text-soft">{words.useHint[use]}</p>
      <Facts
        rows={[
          [words.subject, subject],
          [words.issuer, issuer === subject ? words.itself : issuer],
          ...(names.length === 0 ? [] : [[words.names, names.join(', ')] as const]),
          [
            words.fingerprint,
            <Copyable
              key="fingerprint"
              value={fingerprint}
              shown={`${fingerprint.slice(0, 32)}…`}
              what={words.fingerprint}
            />,
          ],
          [words.serial, <Copyable key="serial" value={serial} what={words.serial} />],
          [words.from, <Instant key="from" ms={notBeforeMs} isAbsolute />],
          [words.ends, <Ends key="ends" ms={notAfterMs} />],
        ]}
      />
    </Card>
  )
}

/** A month is enough time to replace a certificate. The hub renews its own by itself. */
const SOON_MS = 30 * 86_400_000

function Ends({ ms }: { ms: number }) {
  const leftMs = ms - useNowMs()
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Instant ms={ms} isAbsolute />
      {leftMs < SOON_MS && (
        <Badge tone={leftMs < 0 ? 'bad' : 'warn'}>{leftMs < 0 ? words.ended : words.endsSoon}</Badge>
      )}
    </span>
  )
}
