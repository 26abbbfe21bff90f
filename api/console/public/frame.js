// On a narrow screen the navigation is a strip: the part that one is in shall be seen.

document.querySelector('.parts [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
