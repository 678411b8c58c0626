import { AppShell, Burger, Button, Group, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconLogout } from '@tabler/icons-react'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { Mark } from '../elements/mark.tsx'
import { signOut } from '../service/session.ts'
import { ColourScheme } from './colour-scheme.tsx'
import { Navigation } from './navigation.tsx'
import classes from './shell.module.css'

/** What surrounds every page: where one can go, how it looks, the way out. */
export function Shell() {
  const [open, { toggle, close }] = useDisclosure()
  const { pathname } = useLocation()
  const content = useRef<HTMLElement>(null)
  const before = useRef(pathname)
  useEffect(() => {
    if (before.current === pathname) return
    before.current = pathname
    close()
    // A screen reader goes on at the new page, not at the link that led there.
    content.current?.focus({ preventScroll: true })
  }, [pathname, close])
  return (
    <AppShell
      header={{ height: { base: 56, sm: 0 } }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <AppShell.Header hiddenFrom="sm" className={classes.header}>
        <Brand />
        <Burger opened={open} onClick={toggle} size="sm" aria-label={open ? 'Close the menu' : 'Open the menu'} />
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <div className={classes.brand}>
          <Brand />
        </div>
        <Navigation />
        <div className={classes.foot}>
          <ColourScheme />
          <Button
            variant="subtle"
            color="gray"
            justify="flex-start"
            className={classes.out}
            leftSection={<IconLogout size={18} stroke={1.6} />}
            onClick={() => signOut()}
          >
            Sign out
          </Button>
        </div>
      </AppShell.Navbar>
      <AppShell.Main className={classes.main} id="content" ref={content} tabIndex={-1}>
        <div className={classes.content}>
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  )
}

function Brand() {
  return (
    <Link to="/jobs" className={classes.link}>
      <Group gap={10}>
        <Mark />
        <Text fw={680} fz="1.0625rem" component="span">
          Assay
        </Text>
      </Group>
    </Link>
  )
}
