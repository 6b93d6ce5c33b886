import '../app/page.css'
