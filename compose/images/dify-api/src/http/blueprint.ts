/** The groups that Dify's rules are in. Each has its own rule for errors and for requests from other origins. */
export type Blueprint = 'console' | 'web' | 'service_api' | 'files' | 'inner_api' | 'trigger' | 'mcp' | 'plain';
