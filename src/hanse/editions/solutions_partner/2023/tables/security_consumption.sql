-- Which Azure consumption is consumption of security services? Through PAL only.
select partner, customer, "on", revenue
from azure_consumption
where role = 'PAL'
  and product in (
    'Advanced Data Security', 'Advanced Threat Protection', 'Application Gateway', 'Azure Active Directory B2C',
    'Azure Active Directory Domain Services', 'Azure Active Directory for External Identities', 'Azure Bastion',
    'Azure DDOS Protection', 'Azure Defender', 'Azure Firewall', 'Azure Firewall Manager',
    'Azure Front Door Service', 'Azure IoT Security', 'Key Vault', 'Network Watcher', 'Security Center', 'Sentinel'
  )
