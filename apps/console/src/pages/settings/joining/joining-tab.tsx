/** Joining: who waits to be let in, who is announced and need not wait, and the rules of both. */

import { OfOrganisation } from '../organisations/of-organisation.tsx'
import { joiningTexts } from './english-joining.ts'
import { ExpectedCard } from './expected-card.tsx'
import { JoiningRulesCard } from './joining-rules-card.tsx'
import { WaitingCard } from './waiting-card.tsx'

/** The tab; each part says by itself where it is not for whoever looks. */
export const JoiningTab = () => (
  <div className="overflow-y-auto">
    <div className="flex flex-col gap-4">
      <OfOrganisation title={joiningTexts.waiting.title} permission="fleet.read" procedure="device.waiting">
        {() => <WaitingCard />}
      </OfOrganisation>
      <OfOrganisation title={joiningTexts.expected.title} permission="fleet.read" procedure="expected.list">
        {() => <ExpectedCard />}
      </OfOrganisation>
      <OfOrganisation title={joiningTexts.rules.title} permission="organisation.read" procedure="device.joiningRules">
        {() => <JoiningRulesCard />}
      </OfOrganisation>
    </div>
  </div>
)
