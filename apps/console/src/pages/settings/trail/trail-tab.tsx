/** Audit trail: where it is sent besides, how long it is kept at least, and what of it lies in files. */

import { OfOrganisation } from '../organisations/of-organisation.tsx'
import { ArchivesCard } from './archives-card.tsx'
import { receiverTexts as words } from './english-receivers.ts'
import { RetentionCard } from './retention-card.tsx'
import { SyslogCard } from './syslog-card.tsx'

/** The tab; each part says by itself where it is not for whoever looks. */
export const TrailTab = () => (
  <div className="overflow-y-auto">
    <div className="flex flex-col gap-4">
      <OfOrganisation title={words.syslog.title} permission="audit.read" procedure="audit.syslog">
        {() => <SyslogCard />}
      </OfOrganisation>
      <OfOrganisation title={words.retention.title} permission="audit.read" procedure="audit.retention">
        {() => <RetentionCard />}
      </OfOrganisation>
      <OfOrganisation title={words.archives.title} permission="audit.read" procedure="audit.archives">
        {() => <ArchivesCard />}
      </OfOrganisation>
    </div>
  </div>
)
