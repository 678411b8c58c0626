import { IconMapPinOff } from '@tabler/icons-react'
import { Card } from '../elements/card.tsx'
import { LinkButton } from '../elements/link-button.tsx'
import { Page } from '../elements/page.tsx'
import { Empty } from '../elements/states.tsx'

export function NotFoundPage() {
  return (
    <Page title="Not found">
      <Card>
        <Empty
          icon={<IconMapPinOff size={22} />}
          title="There is no page at this address"
          action={
            <LinkButton to="/jobs" variant="default">
              Go to the jobs
            </LinkButton>
          }
        >
          It may have been moved, or the address was not copied whole.
        </Empty>
      </Card>
    </Page>
  )
}
